"""A face that answers: live sessions, the processes that draw and speak, and where frames go."""
