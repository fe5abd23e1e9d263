/** Repositories, and the URL and credentials with which each host opens its own. */
package io.resticfleet.server.repository;
