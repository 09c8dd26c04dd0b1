package main

import (
	"strconv"
	"strings"
	"time"

	"easycli/internal/bulk"
)

func (d *draft) setWait(v string) error {
	n, ok := numbers(v, 2)
	if !ok || n[0] == 0 {
		return wants("how many replicas, a comma and milliseconds, such as 1,5000 (0 of these is for ever)")
	}
	d.load.Replicas = &bulk.Confirmation{Replicas: n[0], Within: time.Duration(n[1]) * time.Millisecond}
	return nil
}

func (d *draft) setWaitAOF(v string) error {
	n, ok := numbers(v, 3)
	if !ok || n[0] > 1 || n[0]+n[1] == 0 {
		return wants("0 or 1 for the server itself, how many replicas, and milliseconds, such as 1,0,5000 (0 of these is for ever)")
	}
	d.load.Disk = &bulk.Confirmation{Disk: true, Local: n[0], Replicas: n[1], Within: time.Duration(n[2]) * time.Millisecond}
	return nil
}

// numbers reads so many whole numbers with commas between them.
func numbers(v string, count int) ([]int, bool) {
	parts := strings.Split(v, ",")
	list := make([]int, len(parts))
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 31)
		if err != nil {
			return nil, false
		}
		list[i] = int(n)
	}
	return list, len(list) == count
}

// confirm is what a load waits for at its end.
func (l loading) confirm() []bulk.Confirmation {
	var all []bulk.Confirmation
	for _, c := range []*bulk.Confirmation{l.Replicas, l.Disk} {
		if c != nil {
			all = append(all, *c)
		}
	}
	return all
}

// notExact is an option that a load with a checkpoint does not have, "" if none was given.
func (l loading) notExact() string {
	if l.Replies != "" {
		return "--replies"
	}
	return ""
}
