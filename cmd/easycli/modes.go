package main

import "context"

func (r prompt) run(_ context.Context, _ *console) error {
	return usagef("the prompt is not in this version of easycli")
}
