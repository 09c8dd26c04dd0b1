package lineeditor

import "slices"

const (
	// maxSteps and maxUndo bound what is kept to go back to: in number, and in bytes of texts.
	maxSteps = 500
	maxUndo  = 16 << 20
)

// undo is what a line was before each step. Characters typed one after the other are a step for
// each word.
type undo struct {
	steps  []buffer
	size   int
	typing bool // the last step may take in the next character
}

// note keeps what the line was before a change. typed says that the change is a character that was
// typed at its end.
func (u *undo) note(was buffer, typed string) {
	word := typed != "" && !isBlank(typed[0])
	if word && u.typing {
		return
	}
	u.typing = word
	if len(u.steps) > 0 && u.steps[len(u.steps)-1].text == was.text {
		return
	}
	u.steps = append(u.steps, was)
	u.size += len(was.text)
	for len(u.steps) > maxSteps || u.size > maxUndo && len(u.steps) > 1 {
		u.size -= len(u.steps[0].text)
		u.steps = slices.Delete(u.steps, 0, 1)
	}
}

// back is what the line was before the last step, ok if there was one.
func (u *undo) back() (was buffer, ok bool) {
	u.typing = false
	last := len(u.steps) - 1
	if last < 0 {
		return buffer{}, false
	}
	was, u.steps = u.steps[last], u.steps[:last]
	u.size -= len(was.text)
	return was, true
}
