/** Input of the agent: settings, identity, version, properties of its host, and the platform it runs on. */
package io.resticfleet.agent.config;
