package lineeditor

import "slices"

// maxKills is how many texts that were cut out are kept.
const maxKills = 16

// killRing is what was cut out, the newest last.
type killRing struct{ texts []string }

// push keeps a text. What is cut out next to the last one, by the key before, is one text with it.
func (k *killRing) push(text string, joined, inFront bool) {
	switch last := len(k.texts) - 1; {
	case text == "":
	case joined && last >= 0 && inFront:
		k.texts[last] = text + k.texts[last]
	case joined && last >= 0:
		k.texts[last] += text
	default:
		if len(k.texts) == maxKills {
			k.texts = slices.Delete(k.texts, 0, 1)
		}
		k.texts = append(k.texts, text)
	}
}

// newest is what Ctrl-Y puts back.
func (k *killRing) newest() string {
	if len(k.texts) == 0 {
		return ""
	}
	return k.texts[len(k.texts)-1]
}

// older makes the text before the newest the newest, and that the oldest.
func (k *killRing) older() string {
	if last := len(k.texts) - 1; last > 0 {
		k.texts = slices.Insert(k.texts[:last], 0, k.texts[last])
	}
	return k.newest()
}
