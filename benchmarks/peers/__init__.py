"""What Lighttouch is measured beside."""
