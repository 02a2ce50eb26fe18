"""Pictures of finished and unfinished runs; reads run directories only."""
