"""Reading: functions that begin at what the viewer may see; they never write."""
