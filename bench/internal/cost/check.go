package cost

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Check compares a table made anew with the committed one. It returns ErrDiffers with a line for each number that is
// another one, be it smaller or larger, and what could not be compared as remarks.
func Check(committed, now *Table) (remarks []string, err error) {
	counted, remark := comparable(committed, now)
	if remark != "" {
		remarks = append(remarks, remark)
	}
	var wrong []string
	for _, was := range committed.Rows {
		is := now.find(was.Row, was.Impl)
		if is == nil {
			wrong = append(wrong, title(was)+" is not measured any more")
			continue
		}
		wrong = append(wrong, differences(was, *is, committed.Host.GOARCH == now.Host.GOARCH, counted)...)
	}
	for _, is := range now.Rows {
		if committed.find(is.Row, is.Impl) == nil {
			wrong = append(wrong, title(is)+" is not in the committed table")
		}
	}
	if len(wrong) == 0 {
		return remarks, nil
	}
	return remarks, fmt.Errorf("%w:\n    %s", ErrDiffers, strings.Join(wrong, "\n    "))
}

func title(r Row) string { return r.Row + " " + r.Impl }

// comparable tells whether instructions of the two can be compared, and if not, why.
func comparable(committed, now *Table) (ok bool, remark string) {
	const not = "instructions are not compared: "
	a, b := committed.Host, now.Host
	switch {
	case !committed.Counted():
		return false, not + "the committed table has none"
	case !now.Counted():
		return false, not + "nobody counted them here"
	case a.GOOS != b.GOOS || a.GOARCH != b.GOARCH || a.Level != b.Level:
		return false, fmt.Sprintf("%sthe committed ones are of %s/%s level %s, these of %s/%s level %s", not,
			a.GOOS, a.GOARCH, a.Level, b.GOOS, b.GOARCH, b.Level)
	case a.Go != b.Go:
		return false, fmt.Sprintf("%sthe committed ones are of %s, these of %s", not, a.Go, b.Go)
	case a.Features != b.Features:
		return false, fmt.Sprintf("%sthe committed ones are of a processor with %s, these of one with %s", not,
			a.Features, b.Features)
	}
	return true, ""
}

// differences between two rows of one name. Where words lie differs between architectures, and with it the lines.
func differences(was, is Row, sameArch, counted bool) (found []string) {
	if was.Operations != is.Operations {
		return []string{fmt.Sprintf("%s: %d operations were counted, now %d", title(was), was.Operations, is.Operations)}
	}
	then, now := was.kinds(), is.kinds()
	for i, k := range then {
		if k.n != now[i].n && (sameArch || !strings.HasPrefix(k.name, "lines")) {
			found = append(found, fmt.Sprintf("%s: %s per operation: %s, now %s", title(was), k.name,
				per(k.n, was.Operations), per(now[i].n, is.Operations)))
		}
	}
	if !counted {
		return found
	}
	switch a, b := was.Instructions, is.Instructions; {
	case a == nil && b == nil:
	case a == nil || b == nil:
		found = append(found, title(was)+": instructions were counted in one of the tables only")
	case math.Abs(*b-*a) > Tolerance**a:
		found = append(found, fmt.Sprintf("%s: instructions per operation: %s, now %s (%+.1f %%)", title(was),
			number(*a), number(*b), 100*(*b / *a - 1)))
	}
	return found
}

func per(n, operations int) string { return number(float64(n) / float64(operations)) }

// number is short, and shows each difference that counts.
func number(x float64) string {
	return strconv.FormatFloat(math.Round(x*1e4)/1e4, 'f', -1, 64)
}
