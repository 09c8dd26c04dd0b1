package main

import (
	"strconv"
	"strings"

	"easycli/internal/bulk"
)

// rateOption is --rate, for the two modes that may be too fast for a server.
func rateOption() option {
	return option{"rate", "", "N", "at most N commands a second (20k, 1.5M) or bytes a second (10MB); with --unlink, keys a second",
		(*draft).setRate}
}

func (d *draft) setRate(v string) error {
	rate, ok := parseRate(v)
	if !ok {
		return wants("commands a second, such as 500 or 20k, or bytes a second, such as 10MB")
	}
	d.rate = rate
	return nil
}

// parseRate reads a decimal number with k, M or G behind it for thousands, and then B for bytes.
func parseRate(v string) (bulk.Rate, bool) {
	number, bytes := strings.CutSuffix(v, "B")
	factor := 1.0
	if number != "" {
		switch number[len(number)-1] {
		case 'k', 'K':
			factor = 1e3
		case 'm', 'M':
			factor = 1e6
		case 'g', 'G':
			factor = 1e9
		}
	}
	if factor > 1 {
		number = number[:len(number)-1]
	}
	if strings.Trim(number, "0123456789.") != "" {
		return bulk.Rate{}, false // no signs, exponents, hexadecimals, infinities
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || n <= 0 || n > 1e12 {
		return bulk.Rate{}, false
	}
	return bulk.Rate{PerSecond: n * factor, Bytes: bytes}, true
}

// settleRate refuses a rate that means nothing to the run.
func (d *draft) settleRate() error {
	unlinks := d.keys.unlink != nil
	switch {
	case d.rate.PerSecond == 0:
		return nil
	case !d.pipe && !unlinks:
		return usagef("--rate is for --pipe and --unlink")
	case unlinks && (d.rate.Bytes || d.rate.PerSecond < 1):
		return usagef("--rate wants keys a second, at least 1, with --unlink")
	}
	return nil
}
