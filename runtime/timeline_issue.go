package fencert

// Next issues the next number of the timeline: 1, or one more than StartAt, and so on, each once. Numbers and the value know
// nothing of each other: who issues numbers lets Advance follow them, and need not issue any.
//
// With SingleIssuer only one goroutine at a time may call it, and it costs no read-modify-write; otherwise any may, at the
// cost of one atomic add. In callbacks, signaling sections and after Close: yes. Wait-free; no allocation. Errors: ErrRange
// when the 2^63 - 1 numbers are used up.
func (t *Timeline) Next() (uint64, error) {
	if t.context.single {
		if n, err := t.context.issued.NextOwned(); err == nil {
			return n, nil
		}
		return 0, ErrRange
	}
	n, err := t.context.issued.Next()
	if err != nil {
		return 0, ErrRange
	}
	return n, nil
}

// NextN issues count numbers in a row, 1 to 2^31, and returns the first. It costs one atomic add, also with SingleIssuer. For
// the rest it is as Next. Errors: ErrRange: count is out of range, or fewer numbers were left, and now none is.
func (t *Timeline) NextN(count uint64) (first uint64, err error) {
	first, err = t.context.issued.NextN(count)
	if err != nil {
		return 0, ErrRange
	}
	return first, nil
}

// LastIssued is the number that was issued last, StartAt's before the first; while others issue, a lower bound. Wait-free;
// one load.
func (t *Timeline) LastIssued() uint64 { return t.context.issued.Last() }
