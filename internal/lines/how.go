package lines

import (
	"easycli/internal/command"
	"easycli/internal/render"
)

// HowOf is how the reply to a command is printed: what the command table says about its text, in the
// printer's words.
func HowOf(info command.Info) render.How {
	switch info.Document {
	case command.Data:
		return shapes[info.Shape()]
	case command.InfoText, command.ClusterInfo:
		return render.InfoText
	case command.ClientList:
		return render.ClientLines
	case command.ClientInfo:
		return render.ClientLine
	case command.ClusterNodes:
		return render.ClusterNodes
	}
	return render.Verbatim
}

// shapes are what a reply that is no text is made of, in the printer's words.
var shapes = [...]render.How{
	command.Shapeless:        render.AsReply,
	command.Pairs:            render.Pairs,
	command.Facts:            render.Facts,
	command.NestedFacts:      render.NestedFacts,
	command.Scored:           render.Scored,
	command.Entries:          render.Entries,
	command.Streams:          render.Streams,
	command.Records:          render.Records,
	command.FactRecords:      render.FactRecords,
	command.ScoredRecords:    render.ScoredRecords,
	command.EntryRecords:     render.EntryRecords,
	command.Seconds:          render.Seconds,
	command.Milliseconds:     render.Milliseconds,
	command.UnixSeconds:      render.UnixSeconds,
	command.UnixMilliseconds: render.UnixMilliseconds,
	command.Clock:            render.Clock,
	command.Bytes:            render.Bytes,
	command.SlowCommands:     render.SlowCommands,
	command.LoggedCommands:   render.LoggedCommands,
	command.LatencyEvents:    render.LatencyEvents,
	command.LatencySamples:   render.LatencySamples,
}
