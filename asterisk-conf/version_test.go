package asteriskconf

import "testing"

func TestEnough(t *testing.T) {
	for version, want := range map[string]bool{
		"22.10.1": true, "22.10.1~dfsg+~cs6": true, "22.3.0": true, "22.2.9": false, "23.0.0": true, "23": true, "20.13.0": true, "20.13": true,
		"20.6.0~dfsg+~cs6.13.40431414-2build5": false, "21.8.1": true, "21.7.0": false, "18.26.1": false, "20": false, "": false, "x": false,
		"certified/22.8-cert1": true, "certified-20.7-cert5": false, "GIT-22-a1b2c3": true, "GIT-16-a1b2c3": false, "99999999999999999999.1": false,
	} {
		if got := Enough(version); got != want {
			t.Errorf("%q: %v, want %v", version, got, want)
		}
	}
}
