package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/threerings/threerings/internal/centre"
	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/queue/sim"
)

// configured reads the configuration file, if one is given, and who calls it.
// What is not given on the command line is as in the file.
func (c *simulation) configured(s *sim.Settings) error {
	if c.vip != "trace" {
		number, percent := strings.CutSuffix(c.vip, "%")
		v, err := strconv.ParseFloat(number, 64)
		if percent {
			v /= 100
		}
		if err != nil || !(v >= 0 && v <= 1) {
			return fmt.Errorf("--vip %s: give a share such as 0.1 or 10%%, or with --trace: trace", c.vip)
		}
		s.VIP = v
	}
	if c.centre == "" {
		return nil
	}
	text, err := os.ReadFile(c.centre)
	if err != nil {
		return err
	}
	house, err := centre.Parse(c.centre, text)
	if err != nil {
		return err
	}
	s.House = &house.Config
	if !c.given["agents"] {
		c.agents = strconv.Itoa(len(house.Config.Agents))
	}
	if !c.given["wait-target"] {
		s.WaitTarget = 0
	}
	if !c.given["short-abandon"] {
		s.ShortAbandon = 0
	}
	if c.mix == "" {
		return nil
	}
	s.Mix = map[queue.QueueID]float64{}
	for _, part := range strings.Split(c.mix, ",") {
		id, weight, ok := strings.Cut(part, "=")
		n, err := strconv.ParseFloat(weight, 64)
		if !ok || err != nil || !(n >= 0) {
			return fmt.Errorf("--mix %s: %q is not a queue and its weight, such as support=3", c.mix, part)
		}
		s.Mix[queue.QueueID(id)] = n
	}
	return nil
}
