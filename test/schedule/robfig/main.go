// Prints runs of random cron expressions as the CronJob controller's library computes them, as a fixture for the tests:
//
//	go run . > ../fixtures/robfig-v3.json
package main

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

type run struct {
	Expression string  `json:"expression"`
	Zone       string  `json:"zone"`
	From       int64   `json:"from"`
	To         int64   `json:"to"`
	Runs       []int64 `json:"runs"`
}

// Days on which clocks change in the zones below, and some on which none do.
var days = []string{
	"2025-03-09", "2025-03-30", "2025-10-26", "2025-11-02", "2026-04-05", "2026-10-04", "2026-09-06", "2026-04-24",
	"2026-10-30", "2027-02-28", "2028-02-29", "2029-12-31", "2026-03-29", "2031-04-06", "2026-02-15", "2026-03-22",
}

var zones = []string{
	"Etc/UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo",
	"Asia/Beirut", "Asia/Kolkata", "Africa/Casablanca", "Pacific/Chatham", "America/St_Johns",
}

func field(r *rand.Rand, min, max int) string {
	one := func() int { return min + r.Intn(max-min+1) }
	switch r.Intn(7) {
	case 0, 1:
		return "*"
	case 2:
		return fmt.Sprintf("*/%d", 1+r.Intn(max))
	case 3:
		a, b := one(), one()
		if a > b {
			a, b = b, a
		}
		return fmt.Sprintf("%d-%d", a, b)
	case 4:
		return fmt.Sprintf("%d,%d", one(), one())
	case 5:
		return fmt.Sprintf("%d/%d", one(), 1+r.Intn(max))
	default:
		return fmt.Sprint(one())
	}
}

func main() {
	r := rand.New(rand.NewSource(1))
	var cases []run
	for len(cases) < 1500 {
		expression := strings.Join([]string{field(r, 0, 59), field(r, 0, 23), field(r, 1, 31), field(r, 1, 12), field(r, 0, 6)}, " ")
		if r.Intn(2) == 0 {
			expression = strings.Join([]string{field(r, 0, 59), field(r, 0, 4), "*", "*", "*"}, " ")
		}
		zone := zones[r.Intn(len(zones))]
		schedule, err := cron.ParseStandard("CRON_TZ=" + zone + " " + expression)
		if err != nil {
			panic(err)
		}
		day, _ := time.Parse("2006-01-02", days[r.Intn(len(days))])
		from := day.Add(-36 * time.Hour)
		to := from.Add(time.Duration(72+24*r.Intn(30)) * time.Hour)
		one := run{Expression: expression, Zone: zone, From: from.Unix(), To: to.Unix(), Runs: []int64{}}
		for at := schedule.Next(from.Add(-time.Second)); !at.IsZero() && at.Before(to) && len(one.Runs) < 60; at = schedule.Next(at) {
			one.Runs = append(one.Runs, at.Unix())
		}
		if len(one.Runs) == 60 {
			one.To = one.Runs[59] + 1
		}
		cases = append(cases, one)
	}
	if err := json.NewEncoder(os.Stdout).Encode(cases); err != nil {
		panic(err)
	}
}
