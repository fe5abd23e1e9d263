/** What the agent is given from outside: options, identity, version, facts of its host, and the platform it runs on. */
package io.resticfleet.agent.config;
