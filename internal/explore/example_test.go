//go:build explore

package explore_test

import (
	"fmt"
	"strings"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

func Example() {
	report := explore.Search(explore.Options{Preemptions: 1}, func(s *explore.Scenario) {
		var n atomicx.Uint64
		add := func() { n.Store(n.Load() + 1) }
		s.Thread("a", add)
		s.Thread("b", add)
		s.Finally(func() { explore.Assert(n.Load() == 2, "an add was lost") })
	})
	reason, _, _ := strings.Cut(report.Failure.Reason, " (")
	fmt.Println(reason, "in", report.Failure.Trace)
	// Output: an add was lost in 0x2.1x3.0x1
}
