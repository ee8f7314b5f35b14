/**
 * The AES S-box as 115 gates over 64 bytes at once: word n of the state holds bit n of each byte. The circuit is that of
 * J. Boyar and R. Peralta, "A depth-16 circuit for the AES S-box" (2011), with their names.
 */

/** SubBytes on the eight words at `state`. */
export function substituteSliced(state: usize): void {
  const x0 = load<u64>(state, 56)
  const x1 = load<u64>(state, 48)
  const x2 = load<u64>(state, 40)
  const x3 = load<u64>(state, 32)
  const x4 = load<u64>(state, 24)
  const x5 = load<u64>(state, 16)
  const x6 = load<u64>(state, 8)
  const x7 = load<u64>(state)

  // Linear layer in.
  const y14 = x3 ^ x5
  const y13 = x0 ^ x6
  const y9 = x0 ^ x3
  const y8 = x0 ^ x5
  const t0 = x1 ^ x2
  const y1 = t0 ^ x7
  const y4 = y1 ^ x3
  const y12 = y13 ^ y14
  const y2 = y1 ^ x0
  const y5 = y1 ^ x6
  const y3 = y5 ^ y8
  const t1 = x4 ^ y12
  const y15 = t1 ^ x5
  const y20 = t1 ^ x1
  const y6 = y15 ^ x7
  const y10 = y15 ^ t0
  const y11 = y20 ^ y9
  const y7 = x7 ^ y11
  const y17 = y10 ^ y11
  const y19 = y10 ^ y8
  const y16 = t0 ^ y11
  const y21 = y13 ^ y16
  const y18 = x0 ^ y16

  // Inversion.
  const t2 = y12 & y15
  const t3 = y3 & y6
  const t4 = t3 ^ t2
  const t5 = y4 & x7
  const t6 = t5 ^ t2
  const t7 = y13 & y16
  const t8 = y5 & y1
  const t9 = t8 ^ t7
  const t10 = y2 & y7
  const t11 = t10 ^ t7
  const t12 = y9 & y11
  const t13 = y14 & y17
  const t14 = t13 ^ t12
  const t15 = y8 & y10
  const t16 = t15 ^ t12
  const t17 = t4 ^ t14
  const t18 = t6 ^ t16
  const t19 = t9 ^ t14
  const t20 = t11 ^ t16
  const t21 = t17 ^ y20
  const t22 = t18 ^ y19
  const t23 = t19 ^ y21
  const t24 = t20 ^ y18
  const t25 = t21 ^ t22
  const t26 = t21 & t23
  const t27 = t24 ^ t26
  const t28 = t25 & t27
  const t29 = t28 ^ t22
  const t30 = t23 ^ t24
  const t31 = t22 ^ t26
  const t32 = t31 & t30
  const t33 = t32 ^ t24
  const t34 = t23 ^ t33
  const t35 = t27 ^ t33
  const t36 = t24 & t35
  const t37 = t36 ^ t34
  const t38 = t27 ^ t36
  const t39 = t29 & t38
  const t40 = t25 ^ t39
  const t41 = t40 ^ t37
  const t42 = t29 ^ t33
  const t43 = t29 ^ t40
  const t44 = t33 ^ t37
  const t45 = t42 ^ t41
  const z0 = t44 & y15
  const z1 = t37 & y6
  const z2 = t33 & x7
  const z3 = t43 & y16
  const z4 = t40 & y1
  const z5 = t29 & y7
  const z6 = t42 & y11
  const z7 = t45 & y17
  const z8 = t41 & y10
  const z9 = t44 & y12
  const z10 = t37 & y3
  const z11 = t33 & y4
  const z12 = t43 & y13
  const z13 = t40 & y5
  const z14 = t29 & y2
  const z15 = t42 & y9
  const z16 = t45 & y14
  const z17 = t41 & y8

  // Linear layer out, the affine map's constant among it.
  const t46 = z15 ^ z16
  const t47 = z10 ^ z11
  const t48 = z5 ^ z13
  const t49 = z9 ^ z10
  const t50 = z2 ^ z12
  const t51 = z2 ^ z5
  const t52 = z7 ^ z8
  const t53 = z0 ^ z3
  const t54 = z6 ^ z7
  const t55 = z16 ^ z17
  const t56 = z12 ^ t48
  const t57 = t50 ^ t53
  const t58 = z4 ^ t46
  const t59 = z3 ^ t54
  const t60 = t46 ^ t57
  const t61 = z14 ^ t57
  const t62 = t52 ^ t58
  const t63 = t49 ^ t58
  const t64 = z4 ^ t59
  const t65 = t61 ^ t62
  const t66 = z1 ^ t63
  const s0 = t59 ^ t63
  const s6 = t56 ^ ~t62
  const s7 = t48 ^ ~t60
  const t67 = t64 ^ t65
  const s3 = t53 ^ t66
  const s4 = t51 ^ t66
  const s5 = t47 ^ t65
  const s1 = t64 ^ ~s3
  const s2 = t55 ^ ~t67

  store<u64>(state, s7)
  store<u64>(state, s6, 8)
  store<u64>(state, s5, 16)
  store<u64>(state, s4, 24)
  store<u64>(state, s3, 32)
  store<u64>(state, s2, 40)
  store<u64>(state, s1, 48)
  store<u64>(state, s0, 56)
}
