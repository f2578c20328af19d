package sample

import (
	"bytes"
	"strings"
	"time"
)

// A clocked buffer remembers when each of its lines was ended, so that what a process takes for
// one of its rows can be seen from outside.
type clocked struct {
	bytes.Buffer
	now   func() time.Time
	times []time.Time // of the ends of lines; the first is when the first byte came
}

// Write keeps p and the time.
func (c *clocked) Write(p []byte) (int, error) {
	now := c.now()
	if len(c.times) == 0 {
		c.times = append(c.times, now)
	}
	for range bytes.Count(p, []byte{'\n'}) {
		c.times = append(c.times, now)
	}
	return c.Buffer.Write(p)
}

// took returns how long the line of a row was after the one before it, 0 where there is none.
func (c *clocked) took(row string) time.Duration {
	i := 0
	for line := range strings.Lines(c.String()) {
		if i++; i >= len(c.times) {
			break
		}
		if name, _, _ := strings.Cut(strings.TrimSpace(line), "\t"); strings.TrimSpace(name) == row {
			return c.times[i].Sub(c.times[i-1])
		}
	}
	return 0
}
