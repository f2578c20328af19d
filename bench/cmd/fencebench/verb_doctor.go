package main

import (
	"fmt"
	"strings"

	"github.com/fencert/fencert/bench/internal/doctor"
)

// doctor prints what would make numbers wrong on this machine, and how to mend it.
func (a *app) doctor(args []string) error {
	if len(args) > 0 {
		return misuse("doctor takes no argument %q", args[0])
	}
	var b strings.Builder
	wrong, untold := 0, 0
	found := a.examine()
	for _, f := range found {
		fmt.Fprintf(&b, "%-8s %-12s %s\n", f.State, f.Name, f.Detail)
		if f.Mend != "" {
			fmt.Fprintf(&b, "%-8s %-12s mend: %s\n", "", "", f.Mend)
		}
		switch f.State {
		case doctor.Bad:
			wrong++
		case doctor.Unknown:
			untold++
		}
	}
	fmt.Fprintf(&b, "\n%d of %d make numbers wrong, %d aren't known here; nothing was changed\n", wrong, len(found), untold)
	return a.print(b.String())
}

// warn says in short what is wrong.
func (a *app) warn(found []doctor.Finding) {
	var wrong []string
	for _, f := range found {
		if f.State == doctor.Bad {
			wrong = append(wrong, f.Detail)
		}
	}
	if len(wrong) > 0 {
		a.remark("this machine makes numbers wrong (./benchstat.sh doctor tells what to do):\n  %s", strings.Join(wrong, "\n  "))
	}
}
