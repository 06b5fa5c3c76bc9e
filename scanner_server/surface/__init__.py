"""The numbered snapshot of spot, forwards and smiles that rankings stand on."""
