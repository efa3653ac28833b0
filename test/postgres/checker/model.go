package main

import (
	"strings"

	"github.com/anishathalye/porcupine"
)

// The fence of a lease whose holder was never told.
const unknownFence = -1

// How deployments stand, each in one letter.
const (
	absent    = '-'
	scheduled = 's'
	running   = 'i'
	// Its lease has run out; whether it is failed by now or still in progress shows when somebody looks.
	lapsed   = 'l'
	failed   = 'f'
	deployed = 'd'
)

// A group of which one at a time may run. A lease is named by the call that gave or renewed it last.
type state struct {
	deployments string
	holder      int
	fence       int
	lease       int
	// The fence that was given out last, as far as anybody was told.
	last int
}

const nobody = -1

func (s state) at(place int) byte {
	return s.deployments[place]
}

func (s state) with(place int, letter byte) state {
	s.deployments = s.deployments[:place] + string(letter) + s.deployments[place+1:]
	return s
}

// The lease is over, and its deployment stands as said.
func (s state) over(letter byte) state {
	s = s.with(s.holder, letter)
	s.holder, s.fence, s.lease = nobody, 0, nobody
	return s
}

func (s state) isClaimable(place int) bool {
	letter := s.at(place)
	return letter == scheduled || letter == failed || letter == lapsed
}

func (s state) granted(in input, fence int) state {
	s = s.with(in.place, running)
	s.holder, s.fence, s.lease = in.place, fence, in.call
	if fence != unknownFence {
		s.last = fence
	}
	return s
}

func modelOf(history []call) porcupine.Model {
	count := 0
	for _, place := range placesOf(history) {
		if place >= count {
			count = place + 1
		}
	}
	first := state{deployments: strings.Repeat(string(absent), count), holder: nobody, lease: nobody}
	model := porcupine.NondeterministicModel{
		Init: func() []interface{} { return []interface{}{first} },
		Step: func(s, in, out interface{}) []interface{} {
			var next []interface{}
			for _, each := range step(s.(state), in.(input), out.(output)) {
				next = append(next, each)
			}
			return next
		},
		DescribeOperation: describe,
	}
	return model.ToModel()
}

// All that may come of a call that was told this; nothing when it cannot have been told so.
func step(s state, in input, out output) []state {
	same := []state{s}
	if in.do == "lapse" {
		if s.lease == in.call {
			return []state{s.over(lapsed)}
		}
		return same
	}
	after, isPossible := effect(s, in, out)
	switch {
	case out.is == "unknown" && isPossible:
		return []state{s, after}
	case out.is == "unknown":
		return same
	case isPossible:
		return []state{after}
	}
	return nil
}

// What a call comes to that was told this, or that was told nothing and was carried out.
func effect(s state, in input, out output) (state, bool) {
	holds := s.holder == in.place && s.fence == in.fence
	switch in.do {
	case "register":
		if out.replayed {
			return s, s.at(in.place) != absent
		}
		return s.with(in.place, scheduled), s.at(in.place) == absent
	case "claim":
		switch out.is {
		case "granted":
			return s.granted(in, out.fence), s.holder == nobody && s.isClaimable(in.place) && out.fence > s.last
		case "unknown":
			return s.granted(in, unknownFence), s.holder == nobody && s.isClaimable(in.place)
		case "waits":
			return s, s.isClaimable(in.place)
		case "held":
			return s, s.holder == in.place
		default:
			return s, s.at(in.place) == deployed
		}
	case "read":
		return look(s, in, out)
	}
	if out.is == "lost" {
		return s, !holds
	}
	if !holds {
		return s, false
	}
	switch {
	case in.do == "renew":
		s.lease = in.call
		return s, true
	case in.do == "release":
		return s.over(scheduled), true
	case in.to == "failed":
		return s.over(failed), true
	default:
		return s.over(deployed), true
	}
}

func look(s state, in input, out output) (state, bool) {
	letter := s.at(in.place)
	switch out.status {
	case "scheduled":
		return s, letter == scheduled
	case "in_progress":
		return s, letter == running || letter == lapsed
	case "failed":
		return s.with(in.place, failed), letter == failed || letter == lapsed
	default:
		return s, letter == deployed
	}
}
