package sharedtimeline

import (
	"time"

	"github.com/fencert/fencert/internal/atomicx"
)

// A looker is a sleeper where no system call serves: it looks at the word, with growing pauses.
type looker struct{}

func (looker) sleep(word *atomicx.Uint32, old uint32, d time.Duration) (late bool, err error) {
	end := time.Now().Add(d)
	for pause := firstPause; word.Load() == old; pause = min(2*pause, lastPause) {
		left := time.Until(end)
		if left <= 0 {
			return true, nil
		}
		time.Sleep(min(pause, left))
	}
	return false, nil
}

// wake: the word has changed already.
func (looker) wake(*atomicx.Uint32) error { return nil }
