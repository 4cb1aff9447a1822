/** One door to what an operator does with a farm: revoke, look up results, dead letters, status. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.admin;
