package load

// A Timetable says when jobs are due: job i at Start + i/rate. It is read-only once made.
type Timetable struct {
	Start  int64   // on the clock of Now
	Period float64 // nanoseconds between two jobs
}

// Share returns the timetable of one of so many submitters that keep a rate together. Their jobs take turns.
func Share(start int64, rate, submitter, submitters int) Timetable {
	gap := 1e9 / float64(rate)
	return Timetable{start + int64(gap*float64(submitter)), gap * float64(submitters)}
}

// Due returns when job i is due. It is computed from the start, so that no error adds up over the jobs.
func (t Timetable) Due(i int) int64 { return t.Start + int64(t.Period*float64(i)) }
