package manual

// fewest is how many words the arguments need at least.
func fewest(args []Argument) int {
	n := 0
	for i := range args {
		if !args[i].Optional {
			n += args[i].fewest()
		}
	}
	return n
}

// fewest is how many words an argument needs once.
func (a *Argument) fewest() int {
	n := 0
	if a.HasToken {
		n = 1
	}
	switch a.Kind {
	case PureToken:
		return n
	case Block:
		return n + fewest(a.Arguments)
	case OneOf:
		least := 0
		for i := range a.Arguments {
			if k := a.Arguments[i].fewest(); i == 0 || k < least {
				least = k
			}
		}
		return n + least
	}
	return n + 1
}

// most is how many words the arguments can be at most, -1 without a limit.
func most(args []Argument) int {
	n := 0
	for i := range args {
		k := args[i].most()
		if k < 0 {
			return -1
		}
		n += k
	}
	return n
}

func (a *Argument) most() int {
	if a.Multiple {
		return -1
	}
	n := 0
	if a.HasToken {
		n = 1
	}
	switch a.Kind {
	case PureToken:
		return n
	case Block:
		k := most(a.Arguments)
		if k < 0 {
			return -1
		}
		return n + k
	case OneOf:
		longest := 0
		for i := range a.Arguments {
			k := a.Arguments[i].most()
			if k < 0 {
				return -1
			}
			longest = max(longest, k)
		}
		return n + longest
	}
	return n + 1
}
