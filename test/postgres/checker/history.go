package main

import (
	"fmt"
	"math"
	"sort"

	"github.com/anishathalye/porcupine"
)

// How long a lease is, in milliseconds, and how much a clock may be off.
const (
	leaseMs = 10_000
	slackMs = 50
)

// A call as test/postgres/history.ts has it.
type call struct {
	Asked struct {
		Do    string
		Key   string
		ID    string
		Fence int
		To    string
	}
	Told struct {
		Is       string
		ID       string
		Replayed bool
		Fence    int
		Status   string
	}
	From float64
	To   float64
}

// What is asked of the model. The number of the call that gave or renewed a lease stands for that lease.
type input struct {
	do    string
	place int
	fence int
	to    string
	call  int
}

type output struct {
	is       string
	replayed bool
	fence    int
	status   string
}

// The calls of a history; what has an unknown outcome may happen at any time after. A lease may run out at any
// time after it was to last, too.
func operationsOf(history []call) []porcupine.Operation {
	places := placesOf(history)
	ended := endedLeases(history)
	var operations []porcupine.Operation
	add := func(in input, out output, from, to float64) {
		operations = append(operations, porcupine.Operation{
			Input: in, Output: out, Call: micros(from), Return: micros(to), Metadata: len(operations),
		})
	}
	end := 0.0
	for _, one := range history {
		end = math.Max(end, one.To)
	}
	end += leaseMs
	for number, one := range history {
		place, isKnown := places[nameOf(one)]
		// What was refused was not done; what has no deployment to its name has left nothing that anybody saw.
		if one.Told.Is == "refused" || !isKnown {
			continue
		}
		to := one.To
		if one.Told.Is == "unknown" {
			to = end + 1
		}
		in := input{do: one.Asked.Do, place: place, fence: one.Asked.Fence, to: one.Asked.To, call: number}
		out := output{is: one.Told.Is, replayed: one.Told.Replayed, fence: one.Told.Fence, status: one.Told.Status}
		add(in, out, one.From, to)
		lasts := one.From + leaseMs - slackMs
		if fence, isLease := leaseOf(one); isLease && ended[fence] > lasts {
			add(input{do: "lapse", place: place, call: number}, output{}, lasts, end+1)
		}
	}
	return operations
}

// The lease that a call has given or renewed, or may have; its fence where that is known.
func leaseOf(one call) (int, bool) {
	switch {
	case one.Asked.Do == "claim" && one.Told.Is == "granted":
		return one.Told.Fence, true
	case one.Asked.Do == "claim" && one.Told.Is == "unknown":
		return unknownFence, true
	case one.Asked.Do == "renew" && (one.Told.Is == "done" || one.Told.Is == "unknown"):
		return one.Asked.Fence, true
	}
	return 0, false
}

// When the holder of each lease knew that it was over; never for most that are looked up.
func endedLeases(history []call) lookup {
	ended := lookup{}
	for _, one := range history {
		if (one.Asked.Do == "report" || one.Asked.Do == "release") && one.Told.Is == "done" {
			ended[one.Asked.Fence] = one.To
		}
	}
	for _, one := range history {
		fence, isLease := leaseOf(one)
		if _, isEnded := ended[fence]; isLease && !isEnded {
			ended[fence] = math.Inf(1)
		}
	}
	return ended
}

type lookup map[int]float64

// Numbers for the deployments, in the order in which they were registered.
func placesOf(history []call) map[string]int {
	ids := map[string]string{}
	first := map[string]float64{}
	for _, one := range history {
		if one.Told.Is == "registered" {
			ids["key "+one.Asked.Key] = one.Told.ID
			if _, isKnown := first[one.Told.ID]; !isKnown {
				first[one.Told.ID] = one.From
			}
		}
	}
	var order []string
	for id := range first {
		order = append(order, id)
	}
	sort.Slice(order, func(a, b int) bool { return first[order[a]] < first[order[b]] })
	places := map[string]int{}
	for place, id := range order {
		places["id "+id] = place
	}
	for key, id := range ids {
		places[key] = places["id "+id]
	}
	return places
}

func nameOf(one call) string {
	if one.Asked.Do == "register" {
		return "key " + one.Asked.Key
	}
	return "id " + one.Asked.ID
}

func micros(ms float64) int64 {
	return int64(ms * 1000)
}

func describe(in, out interface{}) string {
	i, o := in.(input), out.(output)
	return fmt.Sprintf("%d: %s #%d %+v -> %+v", i.call, i.do, i.place, i, o)
}
