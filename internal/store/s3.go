package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3 is a store in a bucket of an S3-compatible service.
type S3 struct {
	client *minio.Client
	bucket string
	name   string
}

// Bucket says where a bucket is and who may use it.
type Bucket struct {
	Endpoint  string // https://s3.example.com or http://127.0.0.1:9000
	Bucket    string
	Region    string // empty: the service's own
	AccessKey string
	SecretKey string
}

const (
	tries       = 3 // of a request; the sweep tries on
	dialWithin  = 5 * time.Second
	answerAfter = 30 * time.Second // at the latest an answer begins
)

// NewS3 is the store in a bucket. Nothing is asked of the service yet.
func NewS3(b Bucket) (*S3, error) {
	u, err := url.Parse(b.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Path != "" && u.Path != "/" {
		return nil, fmt.Errorf("s3.endpoint %q must be an address such as https://s3.example.com", b.Endpoint)
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: dialWithin}).DialContext, TLSHandshakeTimeout: dialWithin,
		ResponseHeaderTimeout: answerAfter, MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute}
	client, err := minio.New(u.Host, &minio.Options{Creds: credentials.NewStaticV4(b.AccessKey, b.SecretKey, ""), Secure: u.Scheme == "https",
		Region: b.Region, Transport: transport, MaxRetries: tries, BucketLookup: minio.BucketLookupAuto})
	if err != nil {
		return nil, fmt.Errorf("s3: %w", err)
	}
	return &S3{client: client, bucket: b.Bucket, name: u.Scheme + "://" + u.Host + "/" + b.Bucket}, nil
}

// String implements Store.
func (s *S3) String() string { return s.name }

// told says where an error is from, and what S3 means by it.
func (s *S3) told(what string, err error) error {
	if err == nil {
		return nil
	}
	switch code := minio.ToErrorResponse(err).Code; code {
	case minio.NoSuchKey:
		return fmt.Errorf("%s: %w", what, fs.ErrNotExist)
	case minio.NoSuchBucket:
		return fmt.Errorf("%s: there is no bucket %s: make it, or correct s3.bucket", what, s.bucket)
	case minio.AccessDenied, "InvalidAccessKeyId", "SignatureDoesNotMatch":
		return fmt.Errorf("%s: the service refuses us (%s): check s3.access_key, s3.secret_key and the rights of that key", what, code)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// notThere is told for an answer without a body, which says of a bucket that is
// gone the same as of an object: one is asked for by itself then.
func (s *S3) notThere(ctx context.Context, what string, err error) error {
	err = s.told(what, err)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	switch there, asked := s.client.BucketExists(ctx, s.bucket); {
	case asked != nil:
		return s.told(what, asked)
	case !there:
		return fmt.Errorf("%s: there is no bucket %s: make it, or correct s3.bucket", what, s.bucket)
	}
	return err
}

// counting notes whether a reader failed, which is not the service's fault.
type counting struct {
	r   io.Reader
	n   int64
	err error
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}

// Put implements Store. An object appears whole or not at all.
func (s *S3) Put(ctx context.Context, name string, size int64, r io.Reader) error {
	from := &counting{r: r}
	_, err := s.client.PutObject(ctx, s.bucket, name, from, size, minio.PutObjectOptions{ContentType: "application/octet-stream", DisableMultipart: size < 64<<20})
	if from.err != nil {
		return from.err
	}
	if err == nil && from.n != size {
		err = fmt.Errorf("%d bytes came of %d", from.n, size)
	}
	return s.told("write to "+s.name, err)
}

// Open implements Store. Reading on from a place is one request.
func (s *S3) Open(ctx context.Context, name string) (Object, error) {
	info, err := s.client.StatObject(ctx, s.bucket, name, minio.StatObjectOptions{})
	if err != nil {
		return nil, s.notThere(ctx, "look at "+name+" in "+s.name, err)
	}
	o, err := s.client.GetObject(ctx, s.bucket, name, minio.GetObjectOptions{})
	if err != nil {
		return nil, s.told("read "+name+" in "+s.name, err)
	}
	return object{o, Info{name, info.Size, info.LastModified}}, nil
}

// Remove implements Store.
func (s *S3) Remove(ctx context.Context, name string) error {
	err := s.told("remove "+name+" from "+s.name, s.client.RemoveObject(ctx, s.bucket, name, minio.RemoveObjectOptions{}))
	return gone(err)
}

// List implements Store.
func (s *S3) List(ctx context.Context, prefix string, each func(Info) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for o := range s.client.ListObjects(ctx, s.bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if o.Err != nil {
			return s.told("list "+s.name, o.Err)
		}
		if err := each(Info{o.Key, o.Size, o.LastModified}); err != nil {
			return err
		}
	}
	return ctx.Err()
}
