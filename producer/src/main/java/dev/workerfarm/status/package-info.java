/** What a farm does at this moment, asked of its workers and its broker. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.status;
