"""Resources: each makes something in the world so, through one port."""
