package main

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/threerings/threerings/internal/robot"
)

// voices makes what robot customers and agents say, so that a person who
// listens in hears a conversation. Where speech cannot be made they hum a tone.
// They take turns: while one speaks the other listens.
func voices(ctx context.Context, folder string) (customer, agent *robot.Sound) {
	asks := voice(ctx, filepath.Join(folder, "customer.wav"), "180",
		"wo3 xiang3 zi1xun2 yi1xia4 wo3 de5 ding4dan1, yi3jing1 san1 tian1 le5 hai2 mei2you3 dao4. ma2fan5 nin2 bang1 wo3 cha2 yi1xia4.")
	says := voice(ctx, filepath.Join(folder, "agent.wav"), "150",
		"nin2hao3, san1sheng1 ke4fu2 zhong1xin1, hen3 gao1xing4 wei4 nin2 fu2wu4. qing3 shao1 deng3, wo3 zheng4zai4 wei4 nin2 cha2xun2. gan3xie4 nin2 de5 nai4xin1 deng3dai4.")
	if asks == nil || says == nil {
		return nil, nil
	}
	return inARoom(slices.Concat(make([]int16, len(says)), asks)), inARoom(slices.Concat(says, make([]int16, len(asks))))
}

// voice is a sentence at 8000 samples a second, nil if it cannot be had.
func voice(ctx context.Context, path, speed, pinyin string) []int16 {
	if s := waveOf(path); s != nil {
		return s
	}
	if os.MkdirAll(filepath.Dir(path), 0o755) != nil {
		return nil
	}
	raw := path + ".22k.wav"
	defer os.Remove(raw)
	if exec.CommandContext(ctx, "espeak-ng", "-v", "cmn-latn-pinyin", "-s", speed, "-w", raw, pinyin).Run() != nil {
		return nil
	}
	if exec.CommandContext(ctx, "sox", raw, "-r", "8000", "-c", "1", "-b", "16", path, "gain", "-n", "-6", "pad", "0.3", "0.7").Run() != nil {
		return nil
	}
	return waveOf(path)
}

func waveOf(path string) []int16 {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	s, _, _, err := robot.ParseWAV(data)
	if err != nil {
		return nil
	}
	return s
}

// inARoom is a voice with a little noise under it, as any line has: on one that
// is digitally silent between sentences a recording's proof finds gaps.
func inARoom(voice []int16) *robot.Sound {
	const loud = 40 // some -58 dBFS: nobody takes it for speech
	noise := rand.New(rand.NewPCG(1, 2))
	for i, x := range voice {
		voice[i] = int16(min(max(int(x)+noise.IntN(2*loud+1)-loud, math.MinInt16), math.MaxInt16))
	}
	return robot.PCM(voice)
}
