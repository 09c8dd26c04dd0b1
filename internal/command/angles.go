package command

// TakesAngles reports whether > may be an argument of the command: the ID of what no consumer of a group
// has seen yet.
func (i Info) TakesAngles() bool { return i.Name == "XREADGROUP" }
