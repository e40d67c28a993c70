package sim

import "math"

// ErlangC is the chance that a caller must wait where n agents have a load of
// so many erlangs and nobody leaves; 1 if the load is too much for them.
func ErlangC(n int, load float64) float64 {
	if load >= float64(n) {
		return 1
	}
	b := 1.0
	for k := 1; k <= n; k++ {
		b = load * b / (float64(k) + load*b)
	}
	return b / (1 - load/float64(n)*(1-b))
}

// ErlangCWait is the mean wait of all callers there, in handling times.
func ErlangCWait(n int, load float64) float64 {
	if load >= float64(n) {
		return math.Inf(1)
	}
	return ErlangC(n, load) / (float64(n) - load)
}

// ErlangCWithin is the share of callers who wait at most so many handling
// times.
func ErlangCWithin(n int, load, wait float64) float64 {
	if load >= float64(n) {
		return 0
	}
	return 1 - ErlangC(n, load)*math.Exp(-(float64(n)-load)*wait)
}

// ErlangA is the share of callers who leave, and the mean wait of all callers
// in handling times, where patience has no memory and a mean of so many
// handling times.
func ErlangA(n int, load, patience float64) (left, wait float64) {
	// The chances of k callers in the house, relative to that of the likeliest
	// so far, until they no longer count.
	p, sum, waiting := 1.0, 1.0, 0.0
	for k := 1; k < 1_000_000; k++ {
		p *= load / (float64(min(k, n)) + float64(max(k-n, 0))/patience)
		sum += p
		waiting += p * float64(max(k-n, 0))
		if k > n && p < 1e-12*sum {
			break
		}
		if sum > 1e200 {
			p, sum, waiting = p/1e200, sum/1e200, waiting/1e200
		}
	}
	queue := waiting / sum
	return queue / patience / load, queue / load // Little's law
}
