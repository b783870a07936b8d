"""What ``euxfel ls`` shows: what a path means, what is in it, and listings kept from before."""
