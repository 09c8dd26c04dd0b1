//go:build race

package render

// slow says that everything takes ten times as long.
const slow = true
