"""What people may do, over the store in memory."""
