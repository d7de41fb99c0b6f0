"""What is due and when: schedule items counted from anchors."""
