/** What {@code farm bench} measures, apart from its commands. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.lab.bench;
