/** Changes of repositories' passwords: a new key is added, proven on every host, and the old key removed. */
package io.resticfleet.server.rotation;
