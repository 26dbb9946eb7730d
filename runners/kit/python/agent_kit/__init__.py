"""What every runner in Python needs and none should be measured by. It holds no session logic; see README.md."""
