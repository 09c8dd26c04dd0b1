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
		return render.AsReply
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
