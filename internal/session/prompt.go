package session

import "strconv"

// Place is how a prompt names an address: host:port as it is, with brackets around an IPv6 address,
// and a socket's path after a word.
func Place(network, addr string) string {
	if network == "unix" {
		return "redis " + addr
	}
	return addr
}

// Prompt is redis-cli's prompt for a connection to place (see [Place]), which is empty where there
// is no connection. What redis-cli does not say is added in its manner: (replies off).
func (s State) Prompt(place string) string {
	if place == "" {
		return "not connected> "
	}
	prompt := []byte(place)
	if s.DB != 0 {
		prompt = append(prompt, '[')
		prompt = strconv.AppendInt(prompt, int64(s.DB), 10)
		prompt = append(prompt, ']')
	}
	for _, state := range []struct {
		holds bool
		says  string
	}{
		{s.InMulti, "(TX)"},
		{s.Subscribed(), "(subscribed mode)"},
		{s.RepliesOff, "(replies off)"},
	} {
		if state.holds {
			prompt = append(prompt, state.says...)
		}
	}
	return string(append(prompt, "> "...))
}
