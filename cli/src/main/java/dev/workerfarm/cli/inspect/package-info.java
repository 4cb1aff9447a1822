/** The commands that look at a farm and revoke its tasks. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.cli.inspect;
