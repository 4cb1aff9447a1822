/** Long-lived loops and scheduled jobs that cannot end without a word, and the pauses between attempts. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.loop;
