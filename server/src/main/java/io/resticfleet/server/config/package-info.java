/** The server's settings: environment variables and flags, read once at start. */
package io.resticfleet.server.config;
