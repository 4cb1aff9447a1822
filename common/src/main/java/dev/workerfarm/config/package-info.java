/** What a process of the farm reads from its environment. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.config;
