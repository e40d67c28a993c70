// Package everyfield is for tests of what must show every field of a value,
// those added tomorrow included.
package everyfield

import (
	"fmt"
	"reflect"
	"time"
)

// Fill gives every field below v, a pointer, a value that is not zero: texts and
// keys are "x", lists and maps have one item.
func Fill(v any) { fill(reflect.ValueOf(v).Elem()) }

// Change gives one field after the other of what Fill has filled another value,
// calls f with its path and takes it back.
func Change(v any, f func(path string)) {
	e := reflect.ValueOf(v).Elem()
	change(e, e.Type().Name(), f)
}

func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key)
		fill(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(0.5)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(2)
	default:
		v.SetInt(int64(2 * time.Second)) // also where it is no duration
	}
}

func change(v reflect.Value, path string, f func(path string)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			change(v.Field(i), path+"."+v.Type().Field(i).Name, f)
		}
	case reflect.Pointer:
		change(v.Elem(), path, f)
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			change(v.Index(i), fmt.Sprintf("%s[%d]", path, i), f)
		}
	case reflect.Map:
		was := reflect.ValueOf(v.Interface())
		for _, key := range v.MapKeys() {
			copied := reflect.New(v.Type().Elem()).Elem()
			copied.Set(v.MapIndex(key))
			change(copied, path+"[]", func(path string) {
				changed := reflect.MakeMap(v.Type())
				changed.SetMapIndex(key, copied)
				v.Set(changed)
				f(path)
				v.Set(was)
			})
		}
	default:
		was := reflect.New(v.Type()).Elem()
		was.Set(v)
		switch v.Kind() {
		case reflect.String:
			v.SetString("other")
		case reflect.Bool:
			v.SetBool(false)
		case reflect.Float32, reflect.Float64:
			v.SetFloat(0.25)
		case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
			v.SetUint(7)
		default:
			v.SetInt(int64(7 * time.Second))
		}
		f(path)
		v.Set(was)
	}
}
